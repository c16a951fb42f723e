/** Every reason of the events that the controller records, and what it means; the page docs/events.md says the same. */
export const EVENT_REASONS = {
  Diverting: 'the proxy of the pod says that it runs what is written, with this share',
  Rejected: 'the proxy of the pod refused what is written, and goes on with what it ran before',
  NotConfirmed: 'the pod is injected and its configuration is written; what its proxy runs is not known',
  NotDiverted: 'the pod is not diverted, or not as declared; the message says why',
  LabelNotUnderstood:
    'the label of a declared namespace has a value that means nothing, so nothing is opted in',
  NotWritten: 'the API server refuses to write an object of ours',
  NotOurs: 'an object with one of our names does not carry the mark of this release; it is left alone',
  AnotherRelease: 'another release keeps everything of this diversion; this one is not ready',
  Repaired: 'somebody changed or deleted an object of ours; it was restored',
  DiversionRejected: 'the diversion in the ConfigMap is not valid; the last valid one stays in force',
  NoAuthority: 'the Secret with the certificate authority is missing, or cannot be written',
} as const;

export type EventReason = keyof typeof EVENT_REASONS;
