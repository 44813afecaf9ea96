// The web pages that setting up a tunnel leads through.

/** Check id, what it is, and where. The ids and URLs are the reference's. */
export const LINKS = {
  tunnels_management_url: {
    label: 'Tunnels management',
    url: 'https://platform.openai.com/settings/organization/tunnels',
  },
  runtime_api_keys_url: {label: 'Runtime API keys', url: 'https://platform.openai.com/settings/organization/api-keys'},
  admin_api_keys_url: {label: 'Admin API keys', url: 'https://platform.openai.com/settings/organization/admin-keys'},
  chatgpt_connector_settings_url: {
    label: 'ChatGPT connector settings',
    url: 'https://chatgpt.com/#settings/Connectors',
  },
} as const

/** When a connector can be made: only while the daemon runs. Scripts match both sentences. */
export const connectorNote = (runCommand: string): string =>
  `Create or verify the connector in ${LINKS.chatgpt_connector_settings_url.url} only while \`${runCommand}\` is running. Keep the daemon up for connector discovery and every MCP call from ChatGPT.`
