// What a program needs to call the emulator: its address, a key, and lines to copy.

import { $, at, button, copy, element } from "./api.js";

const host = location.host, url = location.origin, scheme = location.protocol.slice(0, -1);

// Each makes the lines for a key, and an application, 0 for the default one.
const snippets = {
  vodworker: (key, app) => `export TENCENTCLOUD_SECRET_ID=${key.SecretId} TENCENTCLOUD_SECRET_KEY=${key.SecretKey}
cat > emulator.yaml <<'END'
vod:
  endpoint: "${url}"${app ? `\n  sub_app_ids: [${app}]` : ""}
handlers:
  - name: print
    stdout: {}
END
vodworker run emulator.yaml`,

  "vodworker, one call by hand": (key, app) => `export TENCENTCLOUD_SECRET_ID=${key.SecretId} TENCENTCLOUD_SECRET_KEY=${key.SecretKey}
vodworker pull --endpoint ${url}${app ? ` --sub-app-id ${app}` : ""}`,

  "Go, worker as a library": (key, app) => `source, err := tencent.New(tencent.Options{
	Endpoint:    "${url}",${app ? `\n	SubAppID:    ${app},` : ""}
	Credentials: &tencent.Credentials{SecretID: "${key.SecretId}", SecretKey: "${key.SecretKey}"},
})`,

  "Go, official SDK": (key, app) => `p := profile.NewClientProfile()
p.HttpProfile.Scheme, p.HttpProfile.Endpoint = "${scheme.toUpperCase()}", "${host}"
client, err := vod.NewClient(common.NewCredential("${key.SecretId}", "${key.SecretKey}"), "", p)
if err != nil {
	log.Fatal(err)
}
request := vod.NewPullEventsRequest()${app ? `\nrequest.SubAppId = common.Uint64Ptr(${app})` : ""}
response, err := client.PullEvents(request)`,

  "Node.js, official SDK": (key, app) => `const { vod } = require('tencentcloud-sdk-nodejs-vod')

const client = new vod.v20180717.Client({
  credential: { secretId: '${key.SecretId}', secretKey: '${key.SecretKey}' },
  region: '',
  profile: { httpProfile: { protocol: '${scheme}://', endpoint: '${host}' } }
})
client.PullEvents({${app ? ` SubAppId: ${app} ` : ""}}).then(console.log, console.error)`,

  "Python, official SDK": (key, app) => `from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.vod.v20180717 import models, vod_client

http = HttpProfile(protocol="${scheme}", endpoint="${host}")
key = Credential("${key.SecretId}", "${key.SecretKey}")
client = vod_client.VodClient(key, "", ClientProfile(httpProfile=http))
request = models.PullEventsRequest()${app ? `\nrequest.SubAppId = ${app}` : ""}
print(client.PullEvents(request).to_json_string())`,

  "curl, to make events": (_, app) => `curl -d '{${app ? `"SubAppId":${app},` : ""}"Name":"lighthouse.mp4"}' ${url}/emulator/upload
curl ${url}/emulator/state${app ? `?SubAppId=${app}` : ""}`,

  "curl, to empty all queues": () => `curl -d '{}' ${url}/emulator/reset`,
};

let key = {};

function showSnippet() {
  const known = { SecretId: key.SecretId, SecretKey: key.SecretKey || "THE_KEY_IT_WAS_STARTED_WITH" };
  $("snippet").textContent = snippets[$("language").value](known, at.app);
}

// showConnect shows how to call the emulator. Only the key that everybody knows is there as a whole.
export function showConnect(shown) {
  if ($("keys").shown === JSON.stringify([shown, at.app])) return;
  $("keys").shown = JSON.stringify([shown, at.app]);
  key = shown;
  $("keys").replaceChildren(...[["Endpoint", url], ["SecretId", key.SecretId], ["SecretKey", key.SecretKey]].flatMap(([name, value]) => {
    const text = element("code", "", value || "the one that it was started with");
    const copier = value ? button("Copy", () => copy(value, text)) : "";
    if (copier) copier.setAttribute("aria-label", `Copy ${name}`);
    return [element("dt", "", name), element("dd", "", text), element("dd", "", copier)];
  }));
  showSnippet();
}

for (const name of Object.keys(snippets)) $("language").append(element("option", "", name));
$("language").addEventListener("change", showSnippet);
$("copy-snippet").addEventListener("click", () => copy($("snippet").textContent, $("snippet")));
