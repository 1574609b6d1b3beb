// What `tintype --help` prints.

export const HELP = `tintype – what operators do to a Tintype service, and what it says about local files

  tintype inspect FILE…           the metadata of images, without the service; folders are searched
      --json                      one JSON document a line, for programs
      --profile fast|full         full: ExifTool as well (default: INSPECT_PROFILE, or fast)
      --no-pixels                 no hashes, placeholders and colours, for which images are decoded
      --stats                     numbers about the pixels
      --jobs N                    files read at once (default: one a core)
  tintype migrate                 bring the database, and a queue in PostgreSQL, up to date
      --create-database           make the role, its password and the database that DATABASE_URL names first

  tintype admin create-user EMAIL   make an account, and print its password; it is shown only now
      --name NAME
      --plan PLAN                 default: DEFAULT_PLAN, or free
      --admin                     operates the service
      --password-stdin            take the password from standard input instead
  tintype admin list-users
  tintype admin grant EMAIL       operates the service from now on
  tintype admin revoke EMAIL      operates it no more
  tintype admin suspend EMAIL     whatever he, his keys and his sessions ask for is answered 403
  tintype admin resume EMAIL      lets him in again
  tintype admin plan EMAIL PLAN   puts him on a plan
  tintype admin files EMAIL PREFIX|none   where in the object store his files lie that /v1/files delivers
      --tenant NAME               of a tenant without a person, instead of EMAIL
  tintype admin reset-password EMAIL   prints a new password and ends all his sessions
      --password-stdin            take it from standard input instead

  tintype plans list
  tintype plans set NAME [options]   make or change a plan; what is not named stays as it is
      --requests-per-second N|none
      --requests-per-day N|none   in a day of UTC
      --stored-bytes N|none       of all originals together
      --upload-bytes N|none       of one file
      --concurrent-jobs N|none    that have not ended
      --description TEXT
  tintype plans remove NAME       one that nobody is on, nor would be by DEFAULT_PLAN

  tintype keys create [options]   make an API key and print it; it is shown only now
      --name NAME                 what the key is for (default: "cli")
      --user EMAIL                whose it is; or, without a person:
      --tenant NAME               whose it is (default: "default"; made where it is missing)
      --scopes A,B                some of jobs:write,images:read,images:write,webhooks,admin (default: all but admin)
      --plan PLAN                 limits of its own, beside those of its owner
      --expires-in-days DAYS      default: never
      --admin                     may operate the service as well
  tintype keys list               the keys, without their secrets
  tintype keys revoke ID          a revoked key works no longer than KEY_CACHE_MS

Where several people have one EMAIL, or none, name them by the id that list-users tells.
Environment: DATABASE_URL for all but inspect, QUEUE_URL for migrate, DEFAULT_PLAN, PASSWORD_MEMORY_KIB. See .env.example.
ADMIN_DATABASE_URL, ADMIN_DATABASE_USER and ADMIN_DATABASE_PASSWORD for --create-database alone: who may make roles and databases.
`;
