import { existsSync } from 'node:fs';

import type { RegionSetting, Setting } from '../endpoints.js';
import type { Environment } from '../environment.js';
import type { Problems } from '../problems.js';

/** The project that the credential is for. */
export interface ProjectSetting {
  readonly projectId: string;
  readonly region: RegionSetting;
}

/** The vendor SDKs' variable with the origin of IAM. */
export const IAM_ENDPOINT = 'HUAWEICLOUD_SDK_IAM_ENDPOINT';

/** The value of a variable; `null` after adding that it is missing. */
export function needed(env: Environment, variable: string, problems: Problems): string | null {
  const value = env[variable];
  if (value === undefined) problems.add(variable, 'is missing');
  return value ?? null;
}

/**
 * A path that a variable or field holds, after looking whether it may be the secret itself: then the
 * errors of whoever reads the file would tell it.
 *
 * @param path where the value leads; relative ones begin somewhere
 */
export function checkPath(setting: Setting, path: string, problems: Problems): string {
  if (!(setting.value ?? '').includes('/') && !existsSync(path))
    problems.add(
      setting.where,
      'names no file that is here: it must hold a path, and never the secret itself',
    );
  return path;
}

/** The path that a variable holds; `null` when it is not set. */
export function pathOf(env: Environment, where: string, problems: Problems): string | null {
  const value = env[where];
  return value === undefined ? null : checkPath({ where, value }, value, problems);
}

/** A variable as a setting. */
export function settingOf(env: Environment, where: string): Setting {
  return { where, value: env[where] };
}
