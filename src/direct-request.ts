/**
 * One HTTP request over a connection of our own. The `fetch` of Node and its global agents go through the proxy of
 * the environment where NODE_USE_ENV_PROXY is set, loopback included; what must not leave this way comes here.
 */
import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';

/** What is sent. */
export interface DirectPost {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the request, and the reading of its answer. */
  readonly signal: AbortSignal;
}

/**
 * Posts to an http or https URL, by no proxy. Follows no redirect and repeats nothing. The answer's body has to be
 * read or destroyed.
 *
 * @throws the signal's reason once it is aborted; else the system's error, which may report the address
 */
export type PostDirectly = (url: string, post: DirectPost) => Promise<IncomingMessage>;

/** A way to post with connections that are kept for the next request. */
export function createDirectPost(): PostDirectly {
  const plain = new http.Agent({ keepAlive: true });
  const tls = new https.Agent({ keepAlive: true });
  return (url, { headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const isTls = new URL(url).protocol === 'https:';
      const options = { method: 'POST', headers, signal };
      const request = isTls
        ? https.request(url, { ...options, agent: tls })
        : http.request(url, { ...options, agent: plain });
      request.once('response', resolve);
      request.on('error', (error) => {
        reject(signal.aborted ? (signal.reason as Error) : error);
      });
      request.end(body);
    });
}
