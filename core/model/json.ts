/** An object of JSON, of whatever members. */
export type JsonObject = Readonly<Record<string, unknown>>;
