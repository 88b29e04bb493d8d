import { describe, expect, it } from '@jest/globals';

import { DcsCredentialsError, environmentCredentials } from '../../../src/dcs/index.js';

import { rejectionOf } from '../support.js';

const SDK = { HUAWEICLOUD_SDK_AK: 'ak-1', HUAWEICLOUD_SDK_SK: 'sk-1' };
const SEED = { CLOUD_SDK_AK: 'ak-1', CLOUD_SDK_SK: 'sk-1' };
const PAIR = { kind: 'access-key', accessKey: 'ak-1', secretKey: 'sk-1' };

describe('credentials come from', () => {
  it.each<[string, Record<string, string>, string | null]>([
    ["the variables of the vendor's SDKs", SDK, null],
    ['those of the API page', SEED, null],
    ['both where they agree', { ...SDK, ...SEED }, null],
    ['either with a token', { ...SEED, HUAWEICLOUD_SDK_SECURITY_TOKEN: 'token' }, 'token'],
    ['pasted values with line breaks', { ...SDK, HUAWEICLOUD_SDK_SK: ' sk-1\n' }, null],
    ['one pair where the other is empty', { ...SDK, CLOUD_SDK_AK: '', CLOUD_SDK_SK: ' ' }, null],
    ['a pair with an empty token', { ...SDK, HUAWEICLOUD_SDK_SECURITY_TOKEN: '' }, null],
  ])('%s', async (_, env, securityToken) => {
    expect(await environmentCredentials(env).get()).toStrictEqual({ ...PAIR, securityToken });
  });

  it('the environment of the moment, so that a rotation is observed', async () => {
    const env: Record<string, string> = { ...SDK };
    const source = environmentCredentials(env);
    await source.get();
    env['HUAWEICLOUD_SDK_SK'] = 'sk-2';
    await source.refresh();
    expect(await source.get()).toMatchObject({ secretKey: 'sk-2' });
  });
});

describe('credentials are refused, naming the variable, when', () => {
  it.each<[string, Record<string, string>, string]>([
    ['there are none', {}, 'HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK'],
    ['they are blank', { HUAWEICLOUD_SDK_AK: ' ', HUAWEICLOUD_SDK_SK: '' }, 'No DCS credential'],
    ['the secret key is missing', { HUAWEICLOUD_SDK_AK: 'ak-1' }, 'HUAWEICLOUD_SDK_SK is missing'],
    ['the access key is missing', { CLOUD_SDK_SK: 'sk-1' }, 'CLOUD_SDK_AK is missing'],
    ['the second pair is half', { ...SDK, CLOUD_SDK_AK: 'ak-1' }, 'CLOUD_SDK_SK is missing'],
    ['the pairs name different keys', { ...SDK, ...SEED, CLOUD_SDK_AK: 'ak-2' }, 'differ'],
    ['the pairs hold different secrets', { ...SDK, ...SEED, CLOUD_SDK_SK: 'sk-2' }, 'differ'],
    ['there is only a token', { HUAWEICLOUD_SDK_SECURITY_TOKEN: 'token' }, 'No DCS credential'],
  ])('%s', async (_, env, words) => {
    const error = await rejectionOf(environmentCredentials(env).get());
    expect(error).toBeInstanceOf(DcsCredentialsError);
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).not.toMatch(/[as]k-[12]/);
  });
});
