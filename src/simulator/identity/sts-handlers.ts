import { jsonAnswer } from '../http/answer.js';
import type { Handler } from '../service/handler.js';

/** The operation of STS (STS API reference, "Obtaining the Caller Identity"): needs no permission. */
export const STS_HANDLERS = {
  showCallerIdentity: ({ user }, { account }) => {
    const { accountId, userName, userId } = account;
    const name = user ?? '';
    // Agencies call themselves by account and agency, as `domain/agency`.
    const isUser = name === userName;
    const agency = name.split('/').at(-1) ?? '';
    return jsonAnswer(200, {
      account_id: accountId,
      principal_urn: isUser
        ? `iam::${accountId}:user:${userName}`
        : `sts::${accountId}:assumed-agency:${agency}/session`,
      principal_id: isUser ? userId : `${account.userIdOf(name)}:session`,
    });
  },
} satisfies Record<string, Handler>;
