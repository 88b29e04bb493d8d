/** Base of all errors that this client throws on purpose. */
export abstract class SwitchoverClientError extends Error {}
