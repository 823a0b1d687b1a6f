import { useId } from 'react';
import { engineTraits } from '../../../../preload/contract/engines.ts';
import { useCall } from '../../../api.ts';
import { CheckField, RadioField, SelectField, TextArea, TextField } from '../../../components/fields.tsx';
import { CertificateField, KeyField } from '../../../components/pem-fields.tsx';
import { t } from '../../../i18n/index.ts';
import { connectionStates, type SignInMethod, signInMethods, type TlsMode, tlsModes } from '../options.ts';
import { type Draft, type Problems, poolNumbers } from './draft.ts';

export interface PartProps {
  readonly draft: Draft;
  readonly problems: Problems;
  readonly set: (change: Partial<Draft>) => void;
}

export function TlsPart({ draft, problems, set, keyStored }: PartProps & { keyStored: boolean }) {
  const { tlsMode } = draft;
  const traits = engineTraits[draft.engine];
  const checksCa = tlsMode === 'verify-full' || tlsMode === 'verify-ca' || tlsMode === 'require';
  return (
    <>
      <SelectField
        name="tlsMode"
        label={t('connections.tls')}
        value={tlsMode}
        onChange={(value) => set({ tlsMode: value as TlsMode })}
        options={tlsModes
          .filter((each) => traits.tlsModes.includes(each))
          .map((value) => ({ value, label: t(`tls.${value}`) }))}
        help={t(`tls.help.${tlsMode}`)}
      />
      {traits.signInMethods && (
        <SelectField
          label={t('connections.signIn')}
          value={draft.signIn}
          onChange={(value) => set({ signIn: value as SignInMethod })}
          options={signInMethods.map((value) => ({ value, label: t(`signIn.${value}`) }))}
          help={t('connections.signInHelp')}
        />
      )}
      <TextField
        label={t('connections.hostAddress')}
        optional
        help={t('connections.hostAddressHelp')}
        translate="no"
        value={draft.hostAddress}
        onChange={(hostAddress) => set({ hostAddress })}
        error={problems['hostAddress']}
      />
      {checksCa && (
        <CertificateField
          label={t('connections.ca')}
          help={t('connections.caHelp')}
          optional
          value={draft.tlsCa}
          onChange={(tlsCa) => set({ tlsCa })}
          error={problems['tlsCa']}
        />
      )}
      {tlsMode !== 'disable' && traits.clientCertificates && (
        <CheckField
          label={t('connections.clientCertUse')}
          help={t('connections.clientCertUseHelp')}
          checked={draft.clientCert}
          onChange={(clientCert) => set({ clientCert })}
        />
      )}
      {tlsMode !== 'disable' && draft.clientCert && (
        <>
          <CertificateField
            label={t('connections.clientCert')}
            help={t('connections.clientCertHelp')}
            value={draft.tlsCert}
            onChange={(tlsCert) => set({ tlsCert })}
            error={problems['tlsCert']}
          />
          <KeyField
            label={t('connections.clientKey')}
            value={draft.tlsKey}
            stored={keyStored}
            onChange={(tlsKey) => set({ tlsKey })}
            error={problems['tlsKey']}
          />
          <TextField
            label={t('connections.clientKeyPassphrase')}
            optional
            help={t('connections.passphraseHelp')}
            type="password"
            autoComplete="new-password"
            value={draft.tlsKeyPassphrase}
            onChange={(tlsKeyPassphrase) => set({ tlsKeyPassphrase })}
            error={problems['tlsKeyPassphrase']}
            {...(keyStored ? { placeholder: t('connections.storedHint') } : {})}
          />
        </>
      )}
    </>
  );
}

export function PoolPart({ draft, problems, set }: PartProps) {
  return (
    <>
      <p className="field-help">{t('pool.lead')}</p>
      <div className="field-row">
        {poolNumbers.map((field) => (
          <TextField
            key={field}
            label={t(`pool.${field}`)}
            inputMode="numeric"
            value={draft[field]}
            onChange={(value) => set({ [field]: value })}
            error={problems[field]}
            {...(field === 'recycleMinutes' ? { help: t('pool.recycleHelp') } : {})}
          />
        ))}
      </div>
      <TextField
        label={t('pool.applicationName')}
        help={t('pool.applicationNameHelp')}
        maxLength={63}
        translate="no"
        value={draft.applicationName}
        onChange={(applicationName) => set({ applicationName })}
        error={problems['applicationName']}
      />
    </>
  );
}

/** `insisted`: a superuser is used, or was asked for; nobody else has to read about it. */
export function SharingPart({ draft, problems, set, insisted }: PartProps & { readonly insisted: boolean }) {
  const known = useCall('connections.list', { limit: 1 }).data;
  const folders = useId();
  const traits = engineTraits[draft.engine];
  return (
    <>
      <TextArea
        label={t('connections.description')}
        optional
        rows={2}
        value={draft.description}
        onChange={(description) => set({ description })}
        error={problems['description']}
      />
      <div className="field-row">
        <TextField
          label={t('sharing.folder')}
          optional
          list={folders}
          maxLength={200}
          value={draft.folder}
          onChange={(folder) => set({ folder })}
          error={problems['folder']}
        />
        <TextField
          label={t('sharing.tags')}
          optional
          help={t('sharing.tagsHelp')}
          value={draft.tags}
          onChange={(tags) => set({ tags })}
          error={problems['tags']}
        />
      </div>
      <datalist id={folders}>
        {known?.folders.map((folder) => (
          <option key={folder} value={folder} />
        ))}
      </datalist>
      {traits.lands && (
        <CheckField
          label={t('sharing.readOnly')}
          help={t('sharing.readOnlyHelp')}
          checked={draft.readOnly}
          onChange={(readOnly) => set({ readOnly })}
        />
      )}
      {insisted && traits.lands && !draft.readOnly && (
        <TextArea
          label={t('superuser.reason')}
          optional
          help={t('superuser.reasonStored')}
          maxLength={500}
          spellCheck
          value={draft.superuserReason}
          onChange={(superuserReason) => set({ superuserReason })}
          error={problems['superuserReason']}
        />
      )}
      <RadioField
        legend={t('sharing.access')}
        value={draft.access}
        onChange={(access) => set({ access })}
        options={[
          { value: 'everyone', label: t('sharing.everyone') },
          { value: 'granted', label: t('sharing.granted'), help: t('sharing.grantedHelp') },
        ]}
      />
      <SelectField
        label={t('sharing.state')}
        value={draft.state}
        onChange={(state) => set({ state: state as Draft['state'] })}
        options={connectionStates.map((value) => ({ value, label: t(`connectionState.${value}`) }))}
        help={t(`connectionState.help.${draft.state}`)}
      />
      {traits.leases && (
        <CheckField
          label={t('sharing.lease')}
          help={t('sharing.leaseHelp')}
          checked={draft.leases}
          onChange={(leases) => set({ leases })}
        />
      )}
      {traits.leases && draft.leases && (
        <div className="field-row">
          <TextField
            label={t('sharing.readerRole')}
            help={t('sharing.readerRoleHelp')}
            maxLength={63}
            translate="no"
            value={draft.readerRole}
            onChange={(readerRole) => set({ readerRole })}
            error={problems['readerRole']}
          />
          <TextField
            label={t('sharing.leaseMinutes')}
            inputMode="numeric"
            value={draft.leaseMinutes}
            onChange={(leaseMinutes) => set({ leaseMinutes })}
            error={problems['leaseMinutes']}
          />
        </div>
      )}
    </>
  );
}
