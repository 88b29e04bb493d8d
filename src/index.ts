/** Entry point `dcs-switchover`: the contract alone. Loads no dependency. */
export * from './contract/index.js';
