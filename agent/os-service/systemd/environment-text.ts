/** The file of variables as it is installed. */
export const environmentText = `# Variables of the rollcall service, one NAME=VALUE a line; root alone can read this file.
# Here stand values that the configuration takes by "env:NAME".
#ROLLCALL_EXAMPLE=value
`;
