"""One PostgreSQL connection per thread, kept open (gunicorn sync workers and Celery children have one thread each)."""

import threading

import psycopg2

from settings import DATABASE_URL

_local = threading.local()


def connection():
    current = getattr(_local, "connection", None)
    if current is None or current.closed:
        current = _local.connection = psycopg2.connect(DATABASE_URL, connect_timeout=3)
    return current


def execute(sql, parameters):
    """Runs one statement in its own transaction: commits, or rolls back and raises."""
    with connection() as transaction, transaction.cursor() as cursor:
        cursor.execute(sql, parameters)
