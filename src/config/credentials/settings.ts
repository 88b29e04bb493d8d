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

/** A variable as a setting. */
export function settingOf(env: Environment, where: string): Setting {
  return { where, value: env[where] };
}
