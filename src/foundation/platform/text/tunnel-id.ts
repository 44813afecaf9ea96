// How the id of a tunnel looks: checked wherever one is given, before anything is asked of a service.

const TUNNEL_ID = /^tunnel_[a-z0-9]{32}$/

/** True for `tunnel_` and 32 lower-case letters or digits. */
export const isTunnelId = (id: string): boolean => TUNNEL_ID.test(id)
