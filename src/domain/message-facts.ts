/** PUTs as a result counts them; results of earlier versions do not tell the possible ones apart. */
export interface CountedPuts {
  readonly swapsSent: number;
  readonly swapsPossiblySent?: number | undefined;
  readonly swapsAccepted: number;
}

/** How many were sent, how many possibly, how many accepted: `1 possibly sent, 0 accepted`. */
export function describePuts({ swapsSent, swapsPossiblySent, swapsAccepted }: CountedPuts): string {
  return [...sent(swapsSent, swapsPossiblySent, swapsAccepted), `${swapsAccepted} accepted`].join(
    ', ',
  );
}

/** Whether one of them may have started a job. */
export function mayHaveStarted({
  swapsSent,
  swapsPossiblySent,
  swapsAccepted,
}: CountedPuts): boolean {
  return swapsAccepted > 0 || (swapsPossiblySent ?? swapsSent) > 0;
}

function sent(all: number, possibly: number | undefined, accepted: number): string[] {
  if (possibly === undefined)
    return [`${all} ${all > accepted ? 'sent or possibly sent' : 'sent'}`];
  if (possibly === 0) return [`${all} sent`];
  const certain = all - possibly;
  return [...(certain === 0 ? [] : [`${certain} sent`]), `${possibly} possibly sent`];
}
