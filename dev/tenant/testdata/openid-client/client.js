// Signs in at the tenant with npm's openid-client, a certified client. It is
// given the issuer, the client id, the callback, the API's audience and the
// parameter that names it, and where a browser is: a GET of BROWSER?url=...
// signs in there and tells the address of the callback.
import assert from "node:assert/strict";
import * as client from "openid-client";

const [issuer, clientId, redirectUri, audience, parameter, browser] = process.argv.slice(2);
const scope = "openid profile email offline_access read:timesheets";

const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
  execute: [client.allowInsecureRequests],
});
assert.equal(config.serverMetadata().issuer, issuer);
assert.equal(config.serverMetadata().authorization_response_iss_parameter_supported, true);

async function visit(changes = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const expected = { state: client.randomState(), nonce: client.randomNonce() };
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri, scope, [parameter]: audience, ...expected,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
    ...changes,
  });
  const reply = await fetch(browser + "?url=" + encodeURIComponent(address.href));
  return { verifier, expected, status: reply.status, back: await reply.text() };
}

function exchange({ verifier, expected, back }, changes = {}) {
  return client.authorizationCodeGrant(config, new URL(changes.back ?? back), {
    pkceCodeVerifier: changes.verifier ?? verifier, expectedState: expected.state, expectedNonce: expected.nonce,
    idTokenExpected: true,
  });
}

const refused = (code) => (error) => error.error === code || assert.fail(`${error.error}, want ${code}: ${error}`);

const rules = {
  async "authorization code with PKCE, nonce and iss"() {
    const tokens = await exchange(await visit());
    const claims = tokens.claims();
    assert.equal(claims.sub, "auth0|morgan");
    assert.ok(tokens.access_token && tokens.refresh_token && tokens.expires_in === 3600);
    const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(info.email, "morgan@exampleco.com");
  },
  async "refresh rotates, and reuse ends the family"() {
    const first = await exchange(await visit());
    const second = await client.refreshTokenGrant(config, first.refresh_token);
    assert.ok(second.refresh_token && second.refresh_token !== first.refresh_token);
    assert.equal(second.claims().sub, "auth0|morgan");
    const third = await client.refreshTokenGrant(config, second.refresh_token);
    await assert.rejects(client.refreshTokenGrant(config, first.refresh_token), refused("invalid_grant"));
    await assert.rejects(client.refreshTokenGrant(config, third.refresh_token), refused("invalid_grant"));
  },
  async "revocation ends a session, and may be repeated"() {
    const tokens = await exchange(await visit());
    await client.tokenRevocation(config, tokens.refresh_token);
    await client.tokenRevocation(config, tokens.refresh_token);
    await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), refused("invalid_grant"));
  },
  async "another verifier is refused"() {
    const visited = await visit();
    await assert.rejects(exchange(visited, { verifier: client.randomPKCECodeVerifier() }), refused("invalid_grant"));
  },
  async "a code is good once"() {
    const visited = await visit();
    const tokens = await exchange(visited);
    await assert.rejects(exchange(visited), refused("invalid_grant"));
    await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), refused("invalid_grant"));
  },
  async "another redirect URI at the token endpoint is refused"() {
    const visited = await visit();
    const back = visited.back.replace("/callback?", "/other?");
    assert.notEqual(back, visited.back);
    await assert.rejects(exchange(visited, { back }), refused("invalid_grant"));
  },
  async "another redirect URI at the authorization endpoint is refused in place"() {
    assert.equal((await visit({ redirect_uri: redirectUri + "/other" })).status, 400);
  },
  async "another audience is refused"() {
    const visited = await visit({ [parameter]: "https://other.example" });
    await assert.rejects(exchange(visited), refused(parameter === "audience" ? "access_denied" : "invalid_target"));
  },
  async "prompt=none without a session is refused"() {
    await assert.rejects(exchange(await visit({ prompt: "none" })), refused("login_required"));
  },
};

for (const [name, rule] of Object.entries(rules)) {
  await rule();
  console.log("ok " + name);
}
