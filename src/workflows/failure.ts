import { ApplicationFailure } from '@temporalio/workflow';

/** The failure by which a run ends with an outcome: non-retryable, with one object as its details. */
export function outcomeFailure(
  type: string,
  message: string,
  details: unknown,
): ApplicationFailure {
  const outcome = ApplicationFailure.create({
    type,
    message,
    nonRetryable: true,
    details: [details],
  });
  // An outcome is no crash: in the UI a stack trace would hide the message that a person has to read.
  outcome.stack = '';
  return outcome;
}
