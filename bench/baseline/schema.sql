-- One row an upload; the worker fills in the rest.
CREATE TABLE jobs (
  id          uuid PRIMARY KEY,
  status      text NOT NULL DEFAULT 'queued',
  path        text NOT NULL,
  size_bytes  bigint NOT NULL,
  sha256      text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  started_at  timestamptz,
  finished_at timestamptz,
  format      text,
  width       integer,
  height      integer,
  mode        text,
  dpi         real[],
  has_icc     boolean,
  exif        jsonb,
  error       text
);
