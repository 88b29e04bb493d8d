'use strict';
// The files of schemas/: one JSON Schema for each argument and answer, and the names of Contract v1.
const { inputSchema } = require('./input-schemas.cjs');
const { readContractTypes } = require('./contract-types.cjs');

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** File → the type of the contract, and which validation of src/schema checks it. */
const INPUTS = {
  'switchover-input': ['SwitchoverInput', (schema) => schema.switchoverInputSchema],
  'maintenance-input': ['MaintenanceInput', (schema) => schema.maintenanceInputSchema],
  'maintenance-message': ['MaintenanceMessage', (schema) => schema.MESSAGE_SCHEMAS.approve],
  'maintenance-message-with-why': ['ReasonedMessage', (schema) => schema.MESSAGE_SCHEMAS.abort],
  'schedule-spec': ['ScheduleSpec', (schema) => schema.scheduleSpecSchema],
  'skip-message': ['SkipMessage', (schema) => schema.MESSAGE_SCHEMAS.skip],
};

/** File → type. Readers ignore fields that they do not know, so these are open. */
const ANSWERS = {
  'switchover-status': 'SwitchoverStatus',
  'maintenance-result': 'MaintenanceResult',
  'maintenance-progress': 'MaintenanceProgress',
  'message-receipt': 'MessageReceipt',
  'hook-call': 'HookCall',
  'hook-answer': 'HookAnswer',
  freeze: 'Freeze',
};

/**
 * Every file by its name below schemas/.
 *
 * @param schema the module src/schema
 * @param contract the module src/contract
 */
function buildDocuments(schema, contract) {
  const types = readContractTypes();
  const inputs = Object.entries(INPUTS).map(([name, [type, validation]]) => [
    name,
    inputSchema(validation(schema), types.schemaOf(type)),
  ]);
  const answers = Object.entries(ANSWERS).map(([name, type]) => [name, types.schemaOf(type)]);
  answers.push(['switchover-result', withUnread('SwitchoverResult', types)]);
  const problems = {
    description: 'details[0] of a failure INVALID_INPUT or INVALID_MESSAGE.',
    type: 'object',
    properties: { problems: { type: 'array', items: types.schemaOf('InputProblem') } },
    required: ['problems'],
  };
  const files = [...inputs, ...answers, ['problems', problems]].map(([name, body]) => [
    `${name}.schema.json`,
    { $schema: DIALECT, $id: `urn:dcs-switchover:v1:${name}`, ...body },
  ]);
  return Object.fromEntries([...files, ['names.json', namesOf(contract)]]);
}

/** A run whose pre-check could not be carried out reports less: no one has validated its input. */
function withUnread(name, types) {
  const { $defs, description, ...whole } = types.schemaOf(name);
  const unread = {
    description: 'The pre-check could not be carried out: other fields may be absent or null.',
    type: 'object',
    properties: {
      outcome: { const: 'REFUSED' },
      cause: { const: 'PREFLIGHT_FAILED' },
      message: { type: 'string' },
    },
    required: ['outcome', 'cause', 'message'],
  };
  const anyOf = [{ $ref: `#/$defs/${name}` }, { $ref: '#/$defs/Unread' }];
  return { description, anyOf, $defs: { ...$defs, [name]: whole, Unread: unread } };
}

/** What a caller needs besides the shapes, from the constants of the contract. */
function namesOf(contract) {
  const ref = { projectId: '{projectId}', instanceId: '{instanceId}' };
  const maintenanceId = contract.makeMaintenanceWorkflowId('{maintenanceId}');
  const completing = (outcomes, isCompleting) => ({
    completed: outcomes.filter(isCompleting),
    failureTypes: outcomes.filter((outcome) => !isCompleting(outcome)),
  });
  return {
    taskQueue: contract.DEFAULT_TASK_QUEUE,
    switchover: {
      workflowType: contract.SWITCHOVER_WORKFLOW_TYPE,
      workflowId: contract.makeSwitchoverWorkflowId(ref),
      workflowIdOfPlanMode: contract.makePlanWorkflowId(ref),
      query: contract.STATUS_QUERY,
      ...completing(contract.OUTCOMES, contract.isCompletingOutcome),
    },
    maintenance: {
      workflowType: contract.MAINTENANCE_WORKFLOW_TYPE,
      workflowId: maintenanceId,
      workflowIdOfFiring: `${maintenanceId}-{nominalTime}`,
      query: contract.PROGRESS_QUERY,
      updates: Object.keys(contract.MAINTENANCE_UPDATES),
      updateFailureTypes: ['INVALID_MESSAGE', 'NOT_POSSIBLE_NOW'],
      ...completing(contract.MAINTENANCE_OUTCOMES, (outcome) =>
        ['COMPLETED', 'PLANNED'].includes(outcome),
      ),
    },
    freeze: {
      workflowType: contract.FREEZE_WORKFLOW_TYPE,
      workflowId: contract.FREEZE_WORKFLOW_ID,
      memo: contract.FREEZE_MEMO,
    },
    searchAttributes: Object.values(contract.SEARCH_ATTRIBUTES),
    notificationTypes: Object.values(contract.NOTIFICATION_TYPES),
    exitCodes: contract.EXIT_CODES,
  };
}

module.exports = { buildDocuments };
