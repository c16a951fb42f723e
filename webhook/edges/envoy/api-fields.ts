import type { JsonObject } from '../../core/json.ts';

/**
 * What a copy of a route does with a field of the original: `kept` as it is, `handled` by this program, or `refused`,
 * since a copy that kept it could send a request to the wrong place or under the wrong authority.
 */
export type Judgement = 'kept' | 'handled' | 'refused';

/** A message of Envoy's API whose fields are judged. */
export type JudgedMessage = keyof typeof FIELDS;

function all(judgement: Judgement, names: string): Record<string, Judgement> {
  return Object.fromEntries(names.split(' ').map((name) => [name, judgement]));
}

/**
 * The fields of the messages around a route, by Envoy's API of version 1.40. A field that is not listed was not known
 * when this version was written: a route that has it is named, and not diverted.
 */
export const FIELDS = {
  RouteAction: {
    ...all('handled', 'cluster weighted_clusters auto_host_rewrite host_rewrite_literal host_rewrite_header'),
    ...all(
      'handled',
      'host_rewrite_path_regex request_mirror_policies prefix_rewrite regex_rewrite path_rewrite',
    ),
    ...all(
      'handled',
      'path_rewrite_policy timeout idle_timeout max_stream_duration retry_policy hedge_policy',
    ),
    ...all('handled', 'max_grpc_timeout retry_policy_typed_config'),
    ...all(
      'kept',
      'append_x_forwarded_host cluster_not_found_response_code cors early_data_policy flush_timeout',
    ),
    ...all(
      'kept',
      'grpc_timeout_offset hash_policy include_vh_rate_limits internal_redirect_action metadata_match',
    ),
    ...all('kept', 'internal_redirect_policy max_internal_redirects priority rate_limits upgrade_configs'),
    ...all('refused', 'host_rewrite cluster_header cluster_specifier_plugin inline_cluster_specifier_plugin'),
  },
  Route: {
    ...all('handled', 'match route metadata name request_headers_to_remove direct_response redirect'),
    ...all(
      'kept',
      'decorator per_request_buffer_limit_bytes request_body_buffer_limit request_headers_to_add',
    ),
    ...all(
      'kept',
      'response_headers_to_add response_headers_to_remove stat_prefix tracing typed_per_filter_config',
    ),
    ...all('refused', 'filter_action non_forwarding_action route_specifiers'),
  },
  RouteMatch: {
    ...all('handled', 'headers runtime_fraction path prefix path_separated_prefix safe_regex case_sensitive'),
    ...all(
      'kept',
      'cookies dynamic_metadata filter_state grpc path_match_policy query_parameters tls_context',
    ),
    ...all('refused', 'connect_matcher'),
  },
  ClusterWeight: {
    ...all('handled', 'name host_rewrite_literal'),
    ...all('kept', 'metadata_match request_headers_to_add request_headers_to_remove response_headers_to_add'),
    ...all('kept', 'response_headers_to_remove typed_per_filter_config weight'),
    ...all('refused', 'cluster_header'),
  },
  WeightedCluster: {
    ...all('handled', 'clusters'),
    ...all('kept', 'total_weight runtime_key_prefix header_name use_hash_policy'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Judgement>>>>;

/** The fields of a message that no copy can keep, and those that this version does not know, in their order. */
export function unfitFields(message: JudgedMessage, node: JsonObject): string[] {
  const judged: Readonly<Record<string, Judgement | undefined>> = FIELDS[message];
  return Object.keys(node).filter((name) => {
    const judgement = judged[name];
    return node[name] !== null && (judgement === undefined || judgement === 'refused');
  });
}
