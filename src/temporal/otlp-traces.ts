/** Traces by OpenTelemetry and Temporal's own interceptors; loaded only where they are asked for. */
import { setTimeout as pause } from 'node:timers/promises';

import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource, envDetectorSync } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client';
import {
  OpenTelemetryActivityInboundInterceptor,
  makeWorkflowExporter,
} from '@temporalio/interceptors-opentelemetry/lib/worker';

/** A call that has ended, as it is to show in a trace. */
interface TracedCall {
  readonly name: string;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** What it failed with; `null`: it did not. */
  readonly error: string | null;
}

/** What shows in traces, and sends it to a collector. No work waits for that, whatever becomes of it. */
export interface Traces {
  /** Begins a trace where a client starts or changes a run. */
  readonly clientInterceptor: WorkflowClientInterceptor;
  /** For `Worker.create`: what is executed of activities, and the sink of the spans of workflows. */
  readonly forWorker: {
    readonly interceptors: { readonly activity: readonly ActivityInterceptors[] };
    readonly sinks: object;
  };
  /** Adds a call to what is being traced here; without effect where nothing is. */
  readonly addCall: (call: TracedCall) => void;
  /** Sends what is left, for a short time; never rejects. */
  readonly close: () => Promise<void>;
}

/** As `Worker.create` takes them, which this room does not know. */
type ActivityInterceptors = (context: never) => object;

/** Who hears that the collector takes no spans, and that it takes them again. */
export interface TracesReporter {
  readonly failing: (why: string) => void;
  readonly recovered: () => void;
}

/** `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say otherwise. */
const SERVICE_NAME = 'dcs-switchover';

/** Longest time for what is left at the end, in milliseconds: a collector that is away holds no one up. */
const CLOSE_MS = 2_000;

/**
 * Spans wait in a bounded queue and are sent in the background, to the collector that the standard variables name.
 * Where the process has an OpenTelemetry of its own, its context and propagation are used.
 */
export function createTraces(reporter: TracesReporter): Traces {
  const { attributes } = envDetectorSync.detect();
  const resource = new Resource({ 'service.name': SERVICE_NAME, ...attributes });
  const processor = new BatchSpanProcessor(reportLosses(new OTLPTraceExporter(), reporter));
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  const tracer = provider.getTracer(SERVICE_NAME);
  return {
    clientInterceptor: withoutReadings(new OpenTelemetryWorkflowClientInterceptor({ tracer })),
    forWorker: {
      interceptors: {
        activity: [
          (activity) => ({
            inbound: new OpenTelemetryActivityInboundInterceptor(activity, { tracer }),
          }),
        ],
      },
      sinks: { exporter: withoutMemo(makeWorkflowExporter(processor, resource)) },
    },
    addCall: (call) => {
      addCall(tracer, call);
    },
    close: async () => {
      const isSent = provider.shutdown().catch(() => undefined);
      await Promise.race([isSent, pause(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

/** `ExportResultCode` of OpenTelemetry's core. */
const SUCCESS = 0;

function reportLosses(exporter: SpanExporter, reporter: TracesReporter): SpanExporter {
  let isFailing = false;
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        const { code, error } = result;
        const hasFailed = (code as number) !== SUCCESS;
        if (hasFailed && !isFailing) reporter.failing(error?.message ?? 'unknown reason');
        if (!hasFailed && isFailing) reporter.recovered();
        isFailing = hasFailed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

/** Only what starts or changes a run begins a trace: a status that is asked for every second would bury it. */
function withoutReadings(
  whole: OpenTelemetryWorkflowClientInterceptor,
): Traces['clientInterceptor'] {
  return {
    startWithDetails: (input, next) => whole.startWithDetails(input, next),
    startUpdate: (input, next) => whole.startUpdate(input, next),
    startUpdateWithStart: (input, next) => whole.startUpdateWithStart(input, next),
    signal: (input, next) => whole.signal(input, next),
    cancel: (input, next) => whole.cancel(input, next),
  };
}

// eslint-disable-next-line @typescript-eslint/no-deprecated -- only its overload for exporters is
type SpanSink = ReturnType<typeof makeWorkflowExporter>;

/**
 * The SDK would copy all that it knows of a run into each span: also the memo, which a codec may have encoded for no
 * one else to read. And each query would be a trace of its own.
 */
function withoutMemo({ export: inner }: SpanSink): SpanSink {
  return {
    export: {
      fn: ({ namespace, taskQueue, workflowId, runId, workflowType, attempt }, spans) => {
        const about = { namespace, taskQueue, workflowId, runId, workflowType, attempt };
        const kept = spans.filter(({ name }) => !name.startsWith('HandleQuery'));
        return inner.fn(about as Parameters<typeof inner.fn>[0], kept);
      },
    },
  };
}

function addCall(tracer: Tracer, { name, durationMs, attributes, error }: TracedCall): void {
  if (trace.getSpan(context.active()) === undefined) return;
  const endedAtMs = Date.now();
  const startTime = endedAtMs - durationMs;
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime, attributes });
  if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  span.end(endedAtMs);
}
