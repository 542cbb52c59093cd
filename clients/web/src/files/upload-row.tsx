import { t } from '../i18n/index.js';
import { CloseIcon, RetryIcon, UploadIcon } from '../shell/icons.js';
import { failureText } from './failure-text.js';
import { size } from './quantities.js';
import { dropUpload, sendAgain, type Upload } from './upload-store.js';
import { useKeptFocus } from './use-kept-focus.js';

export function UploadRow({ upload }: { upload: Upload }) {
  const { key, file, state, sent, error } = upload;
  const row = useKeptFocus(`upload-${key}`);
  const isSending = state.value === 'sending';
  return (
    <li
      ref={row}
      class="file"
      data-row={`upload-${key}`}
      data-state={state.value === 'failed' ? 'failed' : 'uploading'}
    >
      <UploadIcon />
      <div class="file-text">
        <p class="file-name" dir="auto">
          {file.name}
        </p>
        <p class="file-detail">
          {detail()} · {size(file.size)}
        </p>
        {isSending && (
          <progress
            value={sent.value}
            max={1}
            aria-label={t('upload_progress', { name: file.name })}
          />
        )}
      </div>
      <div class="file-actions">
        {state.value === 'failed' && (
          <button type="button" class="quiet" onClick={() => sendAgain(upload)}>
            <RetryIcon />
            {t('try_again')}
          </button>
        )}
        <button
          type="button"
          class="quiet square"
          aria-label={t('remove_upload', { name: file.name })}
          title={t('cancel')}
          onClick={() => dropUpload(upload)}
        >
          <CloseIcon />
        </button>
      </div>
    </li>
  );

  function detail(): string {
    switch (state.value) {
      case 'waiting':
        return t('upload_waiting');
      case 'sending':
        return t(sent.value < 1 ? 'upload_sending' : 'upload_checking', {
          percent: String(Math.floor(sent.value * 100)),
        });
      case 'pausing':
        return `${error.value ? failureText(error.value) : ''} ${t('upload_pausing')}`;
      case 'failed':
        return error.value ? failureText(error.value) : '';
    }
  }
}
