// Where it is said that a job, or a derivative, has ended: one name for those who tell and those who listen.

/** The channel on which finished ids are announced, comma-separated. */
export const FINISHED_CHANNEL = 'tintype_job_finished';
