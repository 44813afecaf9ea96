// The web pages where tunnel ids and keys come from, and when a connector can be made. URLs and both sentences are facts of
// the reference that scripts match.

/** One page of the platform: the id that `doctor` gives it, what it is, and where. */
export const SETUP_PAGES = {
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

/** When a connector can be made: only while `runCommand` runs. */
export const connectorNote = (runCommand: string): string =>
  `Create or verify the connector in ${SETUP_PAGES.chatgpt_connector_settings_url.url} only while \`${runCommand}\` is running. Keep the daemon up for connector discovery and every MCP call from ChatGPT.`
