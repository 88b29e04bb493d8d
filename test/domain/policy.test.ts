import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { OPEN_POLICY, describeVerdict, judgeInstance } from '../../src/domain/policy.js';
import type { InstancePolicy, InstanceRule, PolicySubject } from '../../src/domain/policy.js';

import { decideByChecks, evaluateChecks } from '../../src/domain/checks/index.js';
import { INSTANCE_ID, factsOf, requestOf, taskOf, NOW_MS } from './support.js';

const SUBJECT: PolicySubject = {
  instanceId: INSTANCE_ID,
  name: 'orders-cache-1',
  tags: [
    { key: 'env', value: 'prod' },
    { key: 'team', value: '' },
  ],
};
const OTHER_ID = '00000000-cebf-4473-95c4-d1b573c16e79';

const policyOf = (overrides: Partial<InstancePolicy>): InstancePolicy => ({
  ...OPEN_POLICY,
  ...overrides,
});
const tag = (key: string, value: string | null = null): InstanceRule => ({ tag: { key, value } });

const rules = fc.oneof(
  fc.constantFrom(INSTANCE_ID, OTHER_ID).map((instanceId) => ({ instanceId })),
  fc.constantFrom('*', 'orders-*', '*-9', 'orders-cache-1').map((name) => ({ name })),
  fc
    .tuple(fc.constantFrom('env', 'nope'), fc.constantFrom('prod', 'test', null))
    .map(([key, value]) => ({ tag: { key, value } })),
);
const policies = fc.record({
  allow: fc.option(fc.array(rules, { maxLength: 4 })),
  deny: fc.array(rules, { maxLength: 4 }),
  coolDownFloorSeconds: fc.constant(0),
});
const subjects = fc.record({
  instanceId: fc.constantFrom(INSTANCE_ID, OTHER_ID),
  name: fc.constantFrom('orders-cache-1', 'x', null),
  tags: fc.constantFrom(SUBJECT.tags, [], null),
});

describe('a rule names', () => {
  it.each<[string, InstanceRule, boolean]>([
    ['an instance by its id', { instanceId: INSTANCE_ID }, true],
    ['no other instance', { instanceId: OTHER_ID }, false],
    ['an instance by its whole name', { name: 'orders-cache-1' }, true],
    ['no instance by a part of its name', { name: 'orders' }, false],
    ['no instance by its name in another case', { name: 'Orders-cache-1' }, false],
    ['all names with *', { name: '*' }, true],
    ['names by their beginning', { name: 'orders-*' }, true],
    ['names by their end', { name: '*-1' }, true],
    ['names by what is in them', { name: 'o*cache*1' }, true],
    ['no text twice', { name: 'orders-cache-1*1' }, false],
    ['no pattern of another language', { name: 'orders.cache.1' }, false],
    ['no pattern with ?', { name: 'orders-cache-?' }, false],
    ['a tag by key and value', tag('env', 'prod'), true],
    ['a tag by its key', tag('env'), true],
    ['a tag whose value is empty', tag('team', ''), true],
    ['no tag of another value', tag('env', 'test'), false],
    ['no other tag', tag('prod'), false],
  ])('%s', (_, rule, isMatch) => {
    expect(judgeInstance(policyOf({ deny: [rule] }), SUBJECT).allowed).toBe(!isMatch);
    expect(judgeInstance(policyOf({ allow: [rule] }), SUBJECT).allowed).toBe(isMatch);
  });

  it('names as the obvious regular expression would', () => {
    const letters = fc.stringMatching(/^[ab*]{0,8}$/);
    fc.assert(
      fc.property(letters, fc.stringMatching(/^[ab]{0,8}$/), (glob, name) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(name);
        const verdict = judgeInstance(policyOf({ deny: [{ name: glob }] }), { ...SUBJECT, name });
        expect(verdict.allowed).toBe(!expected);
      }),
    );
  });
});

describe('the policy', () => {
  it('without rules allows everything', () => {
    expect(judgeInstance(OPEN_POLICY, SUBJECT)).toStrictEqual({ allowed: true, rule: null });
  });

  it('with an empty list of allowed ones allows nothing', () => {
    expect(judgeInstance(policyOf({ allow: [] }), SUBJECT).allowed).toBe(false);
  });

  it('denies what is both allowed and denied', () => {
    fc.assert(
      fc.property(policies, subjects, (policy, subject) => {
        const deny = [...policy.deny, { instanceId: subject.instanceId }];
        expect(judgeInstance({ ...policy, deny }, subject).allowed).toBe(false);
      }),
    );
  });

  it('never allows more by one more denying rule, nor less by one more allowing rule', () => {
    const rank = (allowed: boolean | null): number => (allowed === null ? 1 : allowed ? 2 : 0);
    fc.assert(
      fc.property(policies, subjects, rules, (policy, subject, rule) => {
        const before = rank(judgeInstance(policy, subject).allowed);
        const denied = { ...policy, deny: [...policy.deny, rule] };
        expect(rank(judgeInstance(denied, subject).allowed)).toBeLessThanOrEqual(before);
        if (policy.allow === null) return;
        const allowed = { ...policy, allow: [...policy.allow, rule] };
        expect(rank(judgeInstance(allowed, subject).allowed)).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it('does not care for the order of the rules', () => {
    fc.assert(
      fc.property(policies, subjects, (policy, subject) => {
        const turned = {
          ...policy,
          allow: policy.allow?.toReversed() ?? null,
          deny: policy.deny.toReversed(),
        };
        expect(judgeInstance(turned, subject).allowed).toBe(judgeInstance(policy, subject).allowed);
      }),
    );
  });

  it('never allows by what is not known: what it says then holds whatever is learnt', () => {
    fc.assert(
      fc.property(policies, subjects, (policy, subject) => {
        const blind = judgeInstance(policy, { ...subject, name: null, tags: null }).allowed;
        const seen = judgeInstance(policy, subject).allowed;
        expect(blind === null || blind === seen || seen === null).toBe(true);
      }),
    );
  });

  it.each<[string, Partial<InstancePolicy>, string]>([
    ['nothing', {}, 'no rule forbids it'],
    ['no allowing rule', { allow: [] }, 'no rule of allow names it'],
    ['a name', { deny: [{ name: 'o*' }] }, 'denied by the deny rule name o*'],
    ['a tag', { deny: [tag('env', 'prod')] }, 'denied by the deny rule tag env=prod'],
    [
      'an id',
      { allow: [{ instanceId: INSTANCE_ID }] },
      `allowed by the allow rule instanceId ${INSTANCE_ID}`,
    ],
  ])('says that it was decided by %s', (_, policy, words) => {
    expect(describeVerdict(judgeInstance(policyOf(policy), SUBJECT))).toBe(words);
  });
});

describe('the check instance-allowed', () => {
  const check = (policy: Partial<InstancePolicy>, facts = factsOf()) => {
    const all = { ...facts, policy: policyOf(policy) };
    const checks = evaluateChecks(requestOf(), all);
    const found = checks.find(({ id }) => id === 'instance-allowed');
    return { found, verdict: decideByChecks(requestOf(), checks, all), all };
  };

  it('passes without rules', () => {
    expect(check({}).found).toMatchObject({ passed: true, severity: 'blocking', remedy: '' });
  });

  it('refuses, says by which rule, and whose word it is', () => {
    const { found, verdict } = check({ deny: [tag('env', 'prod')] });
    expect(verdict).toBe('refused');
    expect(found).toMatchObject({
      passed: false,
      observed: 'denied by the deny rule tag env=prod',
      requestId: 'request-instance',
    });
    expect(found?.remedy).toMatch(
      /settings of the worker.*the list deny of project.*DCS_SWITCHOVER_CONFIG/,
    );
  });

  it('refuses by an id although nothing could be read', () => {
    const { found } = check({ deny: [{ instanceId: INSTANCE_ID }] }, factsOf({ instance: null }));
    expect(found?.passed).toBe(false);
  });

  it('leaves open what depends on a name that could not be read, which refuses as well', () => {
    const { found, verdict } = check({ deny: [{ name: 'x' }] }, factsOf({ instance: null }));
    expect(found?.passed).toBeNull();
    expect(verdict).toBe('refused');
  });

  it('refuses where the API does not show the tags that a rule asks for', () => {
    const { instance } = factsOf();
    if (instance === null) throw new Error('no instance');
    const hidden = factsOf({ instance: { ...instance, value: { ...instance.value, tags: null } } });
    const { found } = check({ deny: [tag('env')] }, hidden);
    expect(found).toMatchObject({
      passed: false,
      observed:
        'the API did not show what the deny rule tag env asks for (to read tags, the credential needs dcs:tag:get)',
    });
  });

  it('refuses a denied instance that is already at the target', () => {
    const request = requestOf({ target: { availabilityZone: 'az1' } });
    const facts = factsOf({ policy: policyOf({ deny: [{ name: '*' }] }) });
    expect(decideByChecks(request, evaluateChecks(request, factsOf()), factsOf())).toBe('noop');
    expect(decideByChecks(request, evaluateChecks(request, facts), facts)).toBe('refused');
  });
});

describe('the check cool-down', () => {
  const remedyOf = (coolDownSeconds: number, coolDownFloorSeconds: number) => {
    const request = requestOf();
    const timing = { ...request.timing, coolDownSeconds };
    const tasks = [taskOf({ createdAtMs: NOW_MS - 60_000, updatedAtMs: NOW_MS - 60_000 })];
    const facts = factsOf({
      policy: policyOf({ coolDownFloorSeconds }),
      tasks: { value: tasks, requestId: null, serverTimeMs: NOW_MS },
    });
    const checks = evaluateChecks({ ...request, timing }, facts);
    return checks.find(({ id }) => id === 'cool-down')?.remedy;
  };

  it('names the request where the request asks for it', () => {
    expect(remedyOf(600, 300)).toBe('Start again in 540 s, or lower timing.coolDownSeconds.');
  });

  it("names the worker's settings where they do", () => {
    expect(remedyOf(300, 300)).toMatch(
      /^Start again in 240 s: 300 s is the least.*coolDownFloorSeconds/,
    );
  });
});
