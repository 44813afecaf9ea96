// An MCP server's address as reports may show it: user, password and query can hold secrets.

/** The URL without them; a query that was left out is marked. */
export const publicUrl = ({origin, pathname, search}: URL): string => `${origin}${pathname}${search === '' ? '' : '?…'}`
