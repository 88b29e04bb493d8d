/** What an id of a job looks like: `src/dcs/endpoint.ts` demands it where the id becomes part of a path. */
export const JOB_ID = /^[0-9a-zA-Z-]{16,64}$/;
