// All checks, in the order in which the reference prints its own; rungs come after, lowest first. Add one: a file in
// checks/ and a line here.

import type {Check} from './check.ts'
import {configSource} from './checks/configuration/config-source.ts'
import {configValidation} from './checks/configuration/config-validation.ts'
import {controlPlaneApiKey} from './checks/configuration/control-plane-api-key.ts'
import {controlPlaneBaseUrl} from './checks/configuration/control-plane-base-url.ts'
import {profileLoad} from './checks/configuration/profile-load.ts'
import {tunnelId} from './checks/configuration/tunnel-id.ts'
import {
  adminApiKeysUrl,
  chatgptConnectorSettingsUrl,
  runtimeApiKeysUrl,
  tunnelsManagementUrl,
} from './checks/configuration/web-pages.ts'
import {clock} from './checks/machine/clock.ts'
import {codexPlugin} from './checks/machine/codex-plugin.ts'
import {healthListener} from './checks/machine/health-listener.ts'
import {runningDaemon} from './checks/machine/running-daemon.ts'
import {ui} from './checks/machine/ui.ts'
import {mcpCommandExecutable} from './checks/mcp/mcp-command-executable.ts'
import {mcpServerReachable} from './checks/mcp/mcp-server-reachable.ts'
import {mcpTarget} from './checks/mcp/mcp-target.ts'
import {oauthMetadata} from './checks/mcp/oauth-metadata.ts'
import {auth} from './checks/rungs/auth.ts'
import {connect} from './checks/rungs/connect.ts'
import {http} from './checks/rungs/http.ts'
import {protocol} from './checks/rungs/protocol.ts'
import {resolve} from './checks/rungs/resolve.ts'
import {route} from './checks/rungs/route.ts'
import {scope} from './checks/rungs/scope.ts'
import {tls} from './checks/rungs/tls.ts'

/** Every check. */
export const CHECKS: readonly Check[] = [
  configSource,
  profileLoad,
  tunnelId,
  controlPlaneApiKey,
  controlPlaneBaseUrl,
  configValidation,
  tunnelsManagementUrl,
  runtimeApiKeysUrl,
  adminApiKeysUrl,
  chatgptConnectorSettingsUrl,
  mcpTarget,
  mcpCommandExecutable,
  mcpServerReachable,
  oauthMetadata,
  healthListener,
  ui,
  runningDaemon,
  codexPlugin,
  clock,
  route,
  resolve,
  connect,
  tls,
  http,
  auth,
  scope,
  protocol,
]
