/**
 * Compile-only: what the schemas take is what the contract's types say, field by field and in both directions. A
 * field that one side does not have, or has with another type, is named by the error.
 */
import type { z } from 'zod';

import type {
  Freeze,
  MaintenanceInput,
  MaintenanceMessage,
  ReasonedMessage,
  RolesSnapshot,
  ScheduleInput,
  ScheduleSpec,
  SkipMessage,
  SwitchoverInput,
  Target,
} from '../../src/contract/index.js';
import type { rolesSchema, target } from '../../src/schema/fields.js';
import type { freezeSchema, maintenanceInputSchema } from '../../src/schema/index.js';
import type { scheduleSpecSchema, switchoverInputSchema } from '../../src/schema/index.js';
import type {
  messageSchema,
  reasonedMessageSchema,
  skipMessageSchema,
} from '../../src/schema/messages.js';
import type { scheduleFrameSchema } from '../../src/schema/schedule.js';

/** Without `null` and `undefined`, which mean absent, and without `readonly`, which validation does not know; at any depth. */
type Bare<T> = T extends object ? { -readonly [K in keyof T]: Bare<NonNullish<T[K]>> } : T;
type NonNullish<T> = T extends null | undefined ? never : T;

/** Whether two types are identical, optional fields included: the compiler compares such signatures exactly. */
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters */
type IsSame<A, B> =
  (<T>() => T extends Bare<A> ? 1 : 2) extends <T>() => T extends Bare<B> ? 1 : 2 ? true : false;
/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */

/** The fields in which two types differ. */
type Drift<A, B> = {
  [K in keyof A | keyof B]-?: IsSame<Only<A, K>, Only<B, K>> extends true ? never : K;
}[keyof A | keyof B];
type Only<T, K> = { [F in keyof T as F extends K ? F : never]: T[F] };

/** Type of what a schema is given; of a target, which one field makes, what becomes of it. */
type Given<S extends z.ZodType> = {
  [K in keyof z.input<S>]: K extends 'target' ? Target : z.input<S>[K];
};

type None<T extends never> = T;
type Names<T> = T extends unknown ? keyof T : never;

export type Drifted = [
  None<Drift<SwitchoverInput, Given<typeof switchoverInputSchema>>>,
  None<Drift<MaintenanceInput, Given<typeof maintenanceInputSchema>>>,
  None<Drift<Record<Names<Target>, string>, Required<z.input<typeof target>>>>,
  None<Drift<ScheduleSpec, z.input<typeof scheduleSpecSchema>>>,
  // The maintenance inside is checked by its own schema.
  None<
    Drift<
      Omit<ScheduleInput, 'maintenance'>,
      Omit<z.input<typeof scheduleFrameSchema>, 'maintenance'>
    >
  >,
  None<Drift<RolesSnapshot, z.input<typeof rolesSchema>>>,
  None<Drift<Freeze, z.input<typeof freezeSchema>>>,
  None<Drift<MaintenanceMessage, z.input<typeof messageSchema>>>,
  None<Drift<ReasonedMessage, z.input<typeof reasonedMessageSchema>>>,
  None<Drift<SkipMessage, z.input<typeof skipMessageSchema>>>,
];

interface Sample {
  readonly a: string;
  readonly b?: { readonly c?: number | null } | null;
}

/** The comparison itself finds what it has to: a field less, one more, another type, not optional any more. */
export type Found = [
  None<Drift<Sample, { a: string; b?: { c?: number } }>>,
  // @ts-expect-error: a field is not there
  None<Drift<Sample, { a: string }>>,
  // @ts-expect-error: a field too many
  None<Drift<Sample, { a: string; b?: { c?: number }; d?: string }>>,
  // @ts-expect-error: a field too many, deeper
  None<Drift<Sample, { a: string; b?: { c?: number; d?: string } }>>,
  // @ts-expect-error: a field of another type
  None<Drift<Sample, { a: string; b?: { c?: string } }>>,
  // @ts-expect-error: not optional any more
  None<Drift<Sample, { a: string; b: { c?: number } }>>,
  // @ts-expect-error: not required any more
  None<Drift<Sample, { a?: string; b?: { c?: number } }>>,
];
