import { INJECT_LABEL } from '../inject/names.ts';
import type { Context } from './context.ts';
import { sendEvent } from './events.ts';
import type { NamespaceRecord } from './records.ts';
import { RESOURCES } from './resources.ts';

/** Values of the label that were told of, by namespace. */
export type ToldLabels = Map<string, string>;

/** What the label of a namespace may be; every other value opts nothing in, which its author may not know. */
const KNOWN_VALUES = ['enabled', 'disabled'];

/** Records an event in a declared namespace whose label has a value that means nothing, once for each value. */
export async function noteLabel(
  context: Context,
  told: ToldLabels,
  namespace: string,
  { label, uid }: NamespaceRecord,
): Promise<void> {
  if (label === undefined || KNOWN_VALUES.includes(label)) {
    told.delete(namespace);
    return;
  }
  if (told.get(namespace) === label) return;
  const message = `The label ${INJECT_LABEL}=${label} of this namespace has no effect, and its pods are not diverted: write enabled to opt in, or disabled`;
  // In the namespace, where its users look; events about things without a namespace are kept in another one.
  const subject = { resource: RESOURCES.namespace, name: namespace, namespace, uid };
  if (await sendEvent(context, subject, { type: 'Warning', reason: 'LabelNotUnderstood', message }))
    told.set(namespace, label);
}
