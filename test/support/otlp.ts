/** A collector of traces on loopback, as OTLP over HTTP has it: keeps the spans that it is sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span that was sent. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it begins a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A collector that listens. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** All that came, as it came. */
  readonly bodies: readonly string[];
  /** From now on it takes what comes, and never answers. */
  readonly hang: () => void;
  readonly close: () => Promise<void>;
}

/** Starts one on a free port. */
export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  let isHanging = false;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      bodies.push(body);
      if (isHanging) return;
      spans.push(...spansOf(body));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    bodies,
    hang: () => {
      isHanging = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number };
  readonly attributes?: readonly { readonly key: string; readonly value: object }[];
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

function spansOf(body: string): CollectedSpan[] {
  const { resourceSpans } = JSON.parse(body) as Sent;
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ traceId, spanId, parentSpanId = '', name, status, attributes = [], ...times }) => {
      const startMs = Number(BigInt(times.startTimeUnixNano) / 1_000n) / 1_000;
      const endMs = Number(BigInt(times.endTimeUnixNano) / 1_000n) / 1_000;
      const pairs = attributes.map(({ key, value }) => [key, Object.values(value)[0] as unknown]);
      return {
        ...{ traceId, spanId, parentSpanId, name, startMs, durationMs: endMs - startMs },
        isError: status?.code === 2,
        attributes: Object.fromEntries(pairs) as Record<string, unknown>,
      };
    });
}

/** A trace as a tree, each span a line: `note` says what stands behind its name. Of equal lines only the first. */
export function formatTrace(
  spans: readonly CollectedSpan[],
  note: (span: CollectedSpan) => string = () => '',
): string {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const under = (parentId: string | null, indent: string): string[] =>
    spans
      .filter((span) =>
        parentId === null ? !known.has(span.parentSpanId) : span.parentSpanId === parentId,
      )
      .sort((one, other) => one.startMs - other.startMs)
      .flatMap((span) => [
        `${indent}${span.name}${note(span)}`,
        ...under(span.spanId, `${indent}  `),
      ]);
  const lines = under(null, '');
  return lines.filter((line, index) => line !== lines[index - 1]).join('\n');
}
