// The four pages that set-up leads through: rows that always pass, kept because scripts and people look for the URLs here.

import {SETUP_PAGES} from '../../../../foundation/config/index.ts'
import {pass, type SingleCheck, single} from '../../check.ts'

const page = (id: keyof typeof SETUP_PAGES): SingleCheck =>
  single({
    id,
    title: SETUP_PAGES[id].label,
    why: 'Tunnels, keys and connectors are made on these pages.',
    next: [`Open ${SETUP_PAGES[id].url}`],
    required: false,
    needs: [],
    run: async () => pass(SETUP_PAGES[id].url),
  })

export const tunnelsManagementUrl = page('tunnels_management_url')
export const runtimeApiKeysUrl = page('runtime_api_keys_url')
export const adminApiKeysUrl = page('admin_api_keys_url')
export const chatgptConnectorSettingsUrl = page('chatgpt_connector_settings_url')
