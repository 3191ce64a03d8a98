/** The schema that all of the store is in. */
export const schemaName = 'rollcall';

/** The schema of a hub's registry of collectors. */
export const hubSchemaName = 'rollcall_hub';
