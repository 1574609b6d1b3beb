"""The door: a multipart image in, stored and recorded, 202 with the job's id out."""

import hashlib
import os
import uuid

from flask import Flask, jsonify, request

from database import execute
from settings import MAX_UPLOAD_BYTES, UPLOAD_DIR
from tasks import process_image

CHUNK_BYTES = 256 * 1024

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD_BYTES


def store(stream, path):
    """Writes the stream to path; returns its size and SHA-256, taken on the way."""
    digest = hashlib.sha256()
    size = 0
    with open(path, "wb", buffering=0) as file:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")


@app.post("/jobs")
def create_job():
    image = request.files.get("image")
    if image is None:
        return jsonify(error="part 'image' is missing"), 400
    job_id = str(uuid.uuid4())
    path = os.path.join(UPLOAD_DIR, job_id)
    size, sha256 = store(image.stream, path)
    execute(
        "INSERT INTO jobs (id, path, size_bytes, sha256) VALUES (%s, %s, %s, %s)",
        (job_id, path, size, sha256),
    )
    process_image.delay(job_id)
    return jsonify(id=job_id, status="queued"), 202
