import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commonName, describeCertificate, isMadeFor } from '../../main/engines/tls/certificate.ts';
import { inDays, makeCertificate } from '../support/certificates.ts';

/* Whose certificate it is, as libpq decides it. */

describe('a name of a certificate', () => {
  it.each([
    ['db.example.org', 'db.example.org', true],
    ['DB.Example.org', 'db.example.ORG', true],
    ['db.example.org', 'db.example.org.', false],
    ['db.example.org.', 'db.example.org', false],
    ['db.example.org.', 'db.example.org.', true],
    ['db.example.org', 'other.example.org', false],
    ['example.org', 'db.example.org', false],
    ['*.example.org', 'db.example.org', true],
    ['*.example.org', 'example.org', false],
    ['*.example.org', 'a.db.example.org', false],
    ['*.example.org', '.example.org', false],
    ['d*.example.org', 'db.example.org', false],
    ['*', 'db', false],
    ['*.1.2.3', '10.1.2.3', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1', true],
    ['db', 'db\0.example.org', false],
    ['', 'db', false],
  ])('%j for %j: %s', (name, host, fits) => {
    expect(isMadeFor([name], host)).toBe(fits);
  });
  it('is one of several', () => {
    expect(isMadeFor(['a', 'b'], 'b')).toBe(true);
    expect(isMadeFor([], 'b')).toBe(false);
  });
});

it('is described with all that a person compares', () => {
  const ca = makeCertificate('A CA', { ca: true });
  const { cert } = makeCertificate('db', {
    names: ['db.example.org', '10.1.2.3'],
    issuer: ca,
    to: inDays(3),
  });
  expect(describeCertificate(new X509Certificate(cert), 'db')).toMatchObject({
    subject: 'CN=db',
    issuer: 'CN=A CA',
    names: ['db.example.org', '10.1.2.3'],
    validFrom: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.000Z$/),
    topPem: cert,
  });
  const alone = new X509Certificate(makeCertificate('only.example.org').cert);
  expect(describeCertificate(alone, 'db').names).toEqual(['only.example.org']);
  const sly = new X509Certificate(makeCertificate('x', { names: ['a, DNS:evil.example.org'] }).cert);
  expect(describeCertificate(sly, 'db').names).toEqual(['a, DNS:evil.example.org']);
  const uris = ['http://x/, DNS:evil.example.org', 'http://y/DNS:evil.example.org', 'db.example.org'];
  const uri = new X509Certificate(makeCertificate('x', { names: uris }).cert);
  expect(describeCertificate(uri, 'db').names).toEqual(['db.example.org']);
  expect(commonName('C=DE, CN=The CA, O=Org')).toBe('The CA');
  expect(commonName('O=Org')).toBe('O=Org');
});

it.each([
  ['db', ['10.0.0.9'], 'db', true],
  ['10.0.0.7', ['other.example.org'], '10.0.0.7', true],
  ['10.0.0.7', ['10.0.0.9'], '10.0.0.7', false],
  ['db', ['other.example.org'], 'db', false],
  ['10.0.0.7', [], '10.0.0.7', true],
])(
  'made for %s and %j, %s: %s (the common name counts unless there is a name of the host’s kind)',
  (common, names, host, fits) => {
    const { cert } = makeCertificate(common, names.length > 0 ? { names } : {});
    expect(isMadeFor(describeCertificate(new X509Certificate(cert), host).names, host)).toBe(fits);
  },
);
