/* global location, localStorage */
// Paste into the browser's console on the list of workflows, then reload: sets the columns, name and outcome first, and
// adds the views of docs/operations.md. The Web UI keeps both in the browser, by namespace (tried with 2.54).
(() => {
  const [, , namespace] = location.pathname.split('/');
  const update = (key, change) => {
    const all = JSON.parse(localStorage.getItem(key) ?? '{}');
    localStorage.setItem(
      key,
      JSON.stringify({ ...all, [namespace]: change(all[namespace] ?? []) }),
    );
  };
  const columns = ['Status', 'DcsStatus', 'DcsInstanceName', 'DcsMaintenanceId', 'Start'];
  update('namespace-workflow-table-columns', () =>
    [...columns, 'Workflow ID'].map((label) => ({ label })),
  );
  const views = {
    'May be unresolved':
      'WorkflowType = "dcsSwitchover" AND (DcsStatus = "UNKNOWN" OR ExecutionStatus IN ("Terminated", "TimedOut"))',
    Switchovers: 'WorkflowType = "dcsSwitchover"',
    Refused: 'DcsStatus = "REFUSED"',
    Maintenance: 'WorkflowType = "dcsMaintenance"',
  };
  update('saved-workflow-queries', (saved) => [
    ...saved.filter(({ name }) => !(name in views)),
    ...Object.entries(views).map(([name, query]) => ({
      ...{ id: `dcs-${name.toLowerCase().replaceAll(' ', '-')}`, name, query, type: 'user' },
    })),
  ]);
})();
