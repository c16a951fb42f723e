import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from '../core/version.ts';

/** Everything that the webhook counts; made anew for each server, so that tests do not share counts. */
export interface Metrics {
  readonly registry: Registry;
  readonly reviews: Counter<'outcome' | 'reason'>;
  readonly diversionReviews: Counter<'outcome'>;
  readonly rejected: Counter<'code'>;
  readonly duration: Histogram;
  readonly certificateExpiry: Gauge;
  readonly certificateErrors: Counter;
}

const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const build = {
    name: 'shunt_build_info',
    help: 'Version of the program.',
    labelNames: ['version'],
    registers,
  };
  new Gauge(build).set({ version: VERSION }, 1);
  return {
    registry,
    reviews: new Counter({
      name: 'shunt_reviews_total',
      help: 'Reviews answered, by what became of the pod and why.',
      labelNames: ['outcome', 'reason'],
      registers,
    }),
    diversionReviews: new Counter({
      name: 'shunt_diversion_reviews_total',
      help: 'Writes of the diversion that the API server asked about, by whether they were allowed.',
      labelNames: ['outcome'],
      registers,
    }),
    rejected: new Counter({
      name: 'shunt_requests_rejected_total',
      help: 'Requests that were not answered as a review, by error code.',
      labelNames: ['code'],
      registers,
    }),
    duration: new Histogram({
      name: 'shunt_review_duration_seconds',
      help: 'Time from the last byte of a review to its answer.',
      buckets: BUCKETS_SECONDS,
      registers,
    }),
    certificateExpiry: new Gauge({
      name: 'shunt_certificate_expiry_timestamp_seconds',
      help: 'When the certificate in use ends, as seconds since 1970.',
      registers,
    }),
    certificateErrors: new Counter({
      name: 'shunt_certificate_reload_errors_total',
      help: 'Certificates on disk that could not be taken into use.',
      registers,
    }),
  };
}
