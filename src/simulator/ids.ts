import { randomBytes, randomInt, randomUUID } from 'node:crypto';

/** 32 hex characters: the form of project, job, node and task ids. */
export function makeHexId(): string {
  return randomBytes(16).toString('hex');
}

/** A UUID: the form of instance, group and replication ids. */
export function makeUuid(): string {
  return randomUUID();
}

/** An access key that says what it is, so that nobody takes it for a real one. */
export function makeAccessKey(): string {
  return `SIM${randomBytes(9).toString('hex').toUpperCase()}`;
}

/** A secret key of the usual length, 40 characters. */
export function makeSecretKey(): string {
  return randomBytes(30).toString('base64url');
}

/** `count` different addresses of one invented private network. */
export function makePrivateIps(count: number): string[] {
  const network = `10.${String(randomInt(256))}.${String(randomInt(256))}`;
  return Array.from({ length: count }, (_, index) => `${network}.${String(index + 10)}`);
}

/** A token of IAM or of the metadata service: long, opaque, and recognisable as simulated. */
export function makeToken(): string {
  return `SIMTOKEN${randomBytes(48).toString('base64url')}`;
}

/** A password that passes the usual rules. */
export function makePassword(): string {
  return `Sim-1${randomBytes(12).toString('base64url')}`;
}
