"""The worker: opens the stored file with Pillow, and writes what it says about itself to the job's row."""

import os
from datetime import datetime, timezone

from celery import Celery
from PIL import ExifTags, Image
from psycopg2.extras import Json

from database import execute
from settings import BROKER_URL, UPLOAD_DIR

celery = Celery("tasks", broker=BROKER_URL)
celery.conf.update(task_ignore_result=True, broker_connection_retry=True)

EXIF_IFD = 0x8769
GPS_IFD = 0x8825


def plain(value):
    """An EXIF value as JSON can hold it."""
    if isinstance(value, bytes):
        return value.decode("latin-1").replace("\x00", "")
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (int, str)):
        return value.replace("\x00", "") if isinstance(value, str) else value
    return float(value)


def read_exif(image):
    exif = image.getexif()
    tags = {ExifTags.TAGS.get(tag, str(tag)): plain(value) for tag, value in exif.items()}
    for tag, value in exif.get_ifd(EXIF_IFD).items():
        tags[ExifTags.TAGS.get(tag, str(tag))] = plain(value)
    for tag, value in exif.get_ifd(GPS_IFD).items():
        tags[ExifTags.GPSTAGS.get(tag, str(tag))] = plain(value)
    return tags


def read_metadata(path):
    with Image.open(path) as image:
        dpi = image.info.get("dpi")
        return {
            "format": image.format,
            "width": image.width,
            "height": image.height,
            "mode": image.mode,
            "dpi": [float(value) for value in dpi] if dpi else None,
            "has_icc": "icc_profile" in image.info,
            "exif": Json(read_exif(image)),
        }


@celery.task
def process_image(job_id):
    started_at = datetime.now(timezone.utc)
    try:
        found = read_metadata(os.path.join(UPLOAD_DIR, job_id))
    except OSError as error:
        execute(
            "UPDATE jobs SET status = 'failed', started_at = %s, finished_at = now(), error = %s WHERE id = %s",
            (started_at, str(error), job_id),
        )
        return
    execute(
        """UPDATE jobs SET status = 'completed', started_at = %(started_at)s, finished_at = now(),
             format = %(format)s, width = %(width)s, height = %(height)s, mode = %(mode)s,
             dpi = %(dpi)s, has_icc = %(has_icc)s, exif = %(exif)s
           WHERE id = %(id)s""",
        {**found, "started_at": started_at, "id": job_id},
    )
