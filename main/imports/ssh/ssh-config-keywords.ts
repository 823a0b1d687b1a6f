/* Keywords of ssh_config(5) that have no place in a jump host: which of them have to be told. */

const lower = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .trim()
      .split(/\s+/)
      .map((name) => [name.toLowerCase(), name]),
  );

/** What is read. */
const taken = lower(`HostName User Port IdentityFile IdentityAgent IdentitiesOnly ProxyJump ProxyCommand`);

/** About a terminal, a session of a person, or forwardings of their own: without a meaning on the way to a database. */
const quiet =
  lower(`AddKeysToAgent BatchMode ChannelTimeout ClearAllForwardings Compression ConnectionAttempts ControlMaster
  ControlPath ControlPersist DynamicForward EnableEscapeCommandline EscapeChar ExitOnForwardFailure FingerprintHash
  ForkAfterAuthentication ForwardAgent ForwardX11 ForwardX11Timeout ForwardX11Trusted GatewayPorts HashKnownHosts
  IgnoreUnknown IPQoS LocalCommand LocalForward LogLevel LogVerbose NumberOfPasswordPrompts ObscureKeystrokeTiming
  PermitLocalCommand PermitRemoteOpen RemoteCommand RemoteForward RequestTTY SendEnv ServerAliveCountMax
  ServerAliveInterval SessionType SetEnv StdinNull StreamLocalBindMask StreamLocalBindUnlink SyslogFacility Tag
  TCPKeepAlive Tunnel TunnelDevice UpdateHostKeys UseKeychain VisualHostKey XAuthLocation`);

/** May forbid a server, a key or a way of encrypting that is taken here. */
const stricter =
  lower(`CASignatureAlgorithms Ciphers GlobalKnownHostsFile HostKeyAlgorithms KexAlgorithms KnownHostsCommand
  MACs PubkeyAcceptedAlgorithms PubkeyAcceptedKeyTypes PubkeyAuthentication RequiredRSASize RevokedHostKeys
  UserKnownHostsFile`);

/** Decides the way, or how one signs in; that it is not kept to makes nothing less safe. */
const others = lower(`AddressFamily BindAddress BindInterface CanonicalDomains CanonicalizeFallbackLocal
  CanonicalizeHostname CanonicalizeMaxDots CanonicalizePermittedCNAMEs CertificateFile ChallengeResponseAuthentication
  CheckHostIP ConnectTimeout EnableSSHKeysign GSSAPIAuthentication GSSAPIDelegateCredentials HostbasedAcceptedAlgorithms
  HostbasedAuthentication HostKeyAlias KbdInteractiveAuthentication KbdInteractiveDevices
  NoHostAuthenticationForLocalhost PasswordAuthentication PKCS11Provider PreferredAuthentications ProxyUseFdpass
  RekeyLimit SecurityKeyProvider StrictHostKeyChecking VerifyHostKeyDNS`);

/** Which keywords of a host are not kept to, as OpenSSH spells them; those that may be stricter than we are apart. */
export function unkeptOf(found: ReadonlyMap<string, string>): { left: string[]; stricter: string[] } {
  const names = [...found.keys()].filter((name) => !taken.has(name) && !quiet.has(name));
  // Public keys are tried unless that is forbidden; “none” revokes nothing.
  const isAsked = (name: string): boolean => {
    const value = found.get(name)?.toLowerCase();
    return name === 'pubkeyauthentication' ? value === 'no' : value !== 'none';
  };
  return {
    left: names
      .filter((name) => !stricter.has(name))
      .map((name) => others.get(name) ?? (/^[a-z0-9-]+$/.test(name) ? name : 'a keyword that is none')),
    stricter: names
      .filter((name) => stricter.has(name) && isAsked(name))
      .map((name) => stricter.get(name) ?? name),
  };
}
