/** The schema that all of the store is in. */
export const schemaName = 'rollcall';

/** The schema of a hub's registry of collectors. */
export const hubSchemaName = 'rollcall_hub';

/** The schema of the queue; what is in it is made by pg-boss. */
export const queueSchemaName = 'rollcall_queue';
