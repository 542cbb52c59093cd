import type { ComponentChildren } from 'preact';

function icon(children: ComponentChildren) {
  return () => (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      {children}
    </svg>
  );
}

export const MicrophoneIcon = icon(
  <>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
  </>,
);
export const StopIcon = icon(<rect x="7" y="7" width="10" height="10" rx="2" class="filled" />);
export const HelpIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M9.6 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.2 1-1.2 1.9M12 16.8v.1" />
  </>,
);
export const CopyIcon = icon(
  <>
    <rect x="9" y="9" width="11" height="11" rx="2.5" />
    <path d="M15 9V6.5A2.5 2.5 0 0 0 12.5 4h-6A2.5 2.5 0 0 0 4 6.5v6A2.5 2.5 0 0 0 6.5 15H9" />
  </>,
);
export const ExportIcon = icon(<path d="M12 4v11m-4-4 4 4 4-4M5 19.5h14" />);
export const ClearIcon = icon(
  <path d="M5 7h14M10 7V5h4v2m-7 0 .8 12h8.4L17 7M10.5 11v4.5m3-4.5v4.5" />,
);
export const CloseIcon = icon(<path d="m6.5 6.5 11 11m0-11-11 11" />);
export const OverlayIcon = icon(
  <>
    <rect x="3.5" y="5" width="17" height="14" rx="2.5" />
    <path d="M7.5 12.5h9m-9 3h5.5" />
  </>,
);
export const DownIcon = icon(<path d="M12 5v13m-5-5 5 5 5-5" />);
export const UnfoldIcon = icon(<path d="m6.5 9.5 5.5 5.5 5.5-5.5" />);
export const UpIcon = icon(<path d="M12 19V6m-5 5 5-5 5 5" />);
export const BackIcon = icon(<path d="M19 12H5m5.5-5.5L5 12l5.5 5.5" />);
export const UploadIcon = icon(<path d="M12 16V5m-4 4 4-4 4 4M5 19.5h14" />);
export const FolderIcon = icon(
  <path d="M3.5 7.5a2 2 0 0 1 2-2h3.8l2.2 2.5h7a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2Z" />,
);
export const RetryIcon = icon(<path d="M18.5 8.5A7.5 7.5 0 1 0 19.5 12M19 4v4.5h-4.5" />);
export const EditIcon = icon(
  <path d="m5 19 .8-3.8L15.6 5.4a1.8 1.8 0 0 1 2.6 0l.4.4a1.8 1.8 0 0 1 0 2.6L8.8 18.2Z" />,
);
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6" />
    <path d="m15.5 15.5 4 4" />
  </>,
);
export const PlayIcon = icon(<path d="M8.5 6.2v11.6l9.5-5.8Z" class="filled" />);
export const PauseIcon = icon(<path d="M9 7v10m6-10v10" stroke-width="3" />);
export const WaitingIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.5V12l3 2" />
  </>,
);
export const RunningIcon = icon(<path d="M5 10v4m3.5-6.5v9M12 5v14m3.5-10.5v7M19 10v4" />);
export const DoneIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="m8.5 12.2 2.5 2.5 4.7-5" />
  </>,
);
export const FailedIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7.5v5.5m0 3v.1" />
  </>,
);
export const CancelledIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="m6.5 6.5 11 11" />
  </>,
);
const SystemIcon = icon(
  <>
    <rect x="3.5" y="5" width="17" height="11.5" rx="2" />
    <path d="M9 20h6" />
  </>,
);
const LightIcon = icon(
  <>
    <circle cx="12" cy="12" r="3.8" />
    <path d="M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4m0-12.8L17 7M7 17l-1.4 1.4" />
  </>,
);
const DarkIcon = icon(<path d="M19.5 14.2A8 8 0 1 1 9.8 4.5a6.5 6.5 0 0 0 9.7 9.7Z" />);
export const themeIcons = { system: SystemIcon, light: LightIcon, dark: DarkIcon } as const;
