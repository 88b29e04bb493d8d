/**
 * The fields of the API that a recording keeps, by name. Everything that is not named here is replaced:
 * names of people, networks and tags stand in the same bodies as the states that a bug report is about.
 */

/** How the value of a known field is kept. */
export type FieldKind =
  /** A word of an enumeration: letters, digits of a version, underscore. */
  | 'word'
  /** A name that is kept only where it is one of the service's own, such as that of a task. */
  | 'service-name'
  /** A documented error code. */
  | 'code'
  /** An instant or a time of day. */
  | 'time'
  /** A number that is a size, a count or a port. */
  | 'number'
  /** Known, but its content is replaced; so only its name is kept. */
  | 'hidden';

const named = (kind: FieldKind, names: string): (readonly [string, FieldKind])[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, kind] as const);

/** Fields of the answers that a switchover reads (API V2: instance, nodes, groups, tasks, job, errors). */
export const FIELDS: ReadonlyMap<string, FieldKind> = new Map([
  ...named(
    'word',
    `status sub_status task cache_mode engine engine_version product_type cpu_type storage_type
     node_role node_type replication_role job_type step_status sub_step_status crr_role
     active_active backup_type period_type old_cache_mode new_cache_mode old_cache_type new_cache_type
     no_password_access support_slow_log_flag`,
  ),
  ...named('service-name', 'name'),
  ...named('code', 'error_code errorCode code'),
  ...named(
    'time',
    `created_at updated_at update_at launched_at begin_time end_time maintain_begin maintain_end
     begin_at expires_at current_time`,
  ),
  ...named(
    'number',
    `port node_port total task_count group_count instance_num count node_count replica_count
     sharding_count db_number priority_weight capacity max_memory used_memory charging_mode
     progress remain_time save_days bandwidth expand_count old_capacity
     new_capacity old_replica_num new_replica_num old_port new_port`,
  ),
  ...named(
    'hidden',
    `instance_id description ip domain_name readonly_domain_name domain_name_info
     support_public_resolve is_latest_rules zone_name history_domain_names backend_addrs vpc_id vpc_name
     subnet_id subnet_name subnet_cidr security_group_id security_group_name enable_publicip publicip_id
     publicip_address enable_ssl access_user transparent_client_ip_enable proxy_links az_codes
     available_zones az_code capacity_minor spec_code inquery_spec_code cloud_service_type_code
     cloud_resource_type_code features support_acl support_transparent_client_ip support_ssl
     support_audit_log service_upgrade service_task_id libos user_id user_name enterprise_project_id
     enterprise_project_name order_id free is_free instance_backup_policy backup_policy_id policy
     periodical_backup_plan timezone_offset backup_at tenant_id tags key value bandwidth_info task_running
     nodes logical_node_id node_ip node_id is_access group_id group_name is_remove_ip replication_id
     dimensions group_list replication_list is_replication replication_ip tasks id params details
     enable_show job_id fail_reason instances error_msg errorMsg error_ext_msg message ext_message error
     request_id encoded_authorization_message`,
  ),
]);

/** Shapes that a kept value must have; anything else is replaced like a value of an unknown field. */
export const SHAPES: Readonly<Record<Exclude<FieldKind, 'hidden'>, RegExp>> = {
  word: /^(?:[A-Za-z]+(?:_[A-Za-z]+)*|x86_64|redis-(?:server|proxy)|\d{1,2}\.\d{1,2})$/,
  'service-name':
    /^(?:masterStandbySwapJob|EXTEND|BindEip|UnBindEip|AddReplica|DelReplica|AddWhitelist|UpdatePort|RemoveIpFromDns|ChangeInstanceSpec|DeleteAcl|dcs_instance_id|dcs_cluster_redis_node)$/,
  code: /^(?:(?:DCS|APIGW?|IAM|CBC)\.\s?\d{3,8}|\d{9})$/,
  time: /^(?:\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?|\d{2}:\d{2}(?::\d{2})?(?:-\d{2}:\d{2})?|\d{13})$/,
  number: /^\d{1,10}$/,
};

/** Longest word that is kept; names of states are short. */
export const MAX_WORD_LENGTH = 32;
