import { networkInterfaces } from 'node:os';
import type { NativeTheme, Net, PowerMonitor, PowerSaveBlocker, Rectangle, Screen } from 'electron';
import { type Core, wantsDark } from './core.ts';
import { strict, strictEmitter } from './strict.ts';

const ThemeBase = strictEmitter('nativeTheme');

class DoubleTheme
  extends ThemeBase
  implements
    Pick<
      NativeTheme,
      | 'themeSource'
      | 'shouldUseDarkColors'
      | 'shouldUseHighContrastColors'
      | 'shouldUseInvertedColorScheme'
      | 'inForcedColorsMode'
      | 'prefersReducedTransparency'
      | 'shouldDifferentiateWithoutColor'
    >
{
  readonly shouldUseHighContrastColors = false;
  readonly shouldUseInvertedColorScheme = false;
  readonly inForcedColorsMode = false;
  readonly prefersReducedTransparency = false;
  readonly shouldDifferentiateWithoutColor = false;
  private readonly core: Core;

  constructor(core: Core) {
    super();
    this.core = core;
  }

  get shouldUseDarkColors(): boolean {
    return wantsDark(this.core.state);
  }

  get themeSource(): 'system' | 'light' | 'dark' {
    return this.core.state.themeSource;
  }

  set themeSource(source: 'system' | 'light' | 'dark') {
    if (!['system', 'light', 'dark'].includes(source)) {
      throw new TypeError(`Error processing argument at index 0, conversion failure from ${source}`);
    }
    if (this.core.state.themeSource === source) return;
    this.core.state.themeSource = source;
    this.changed();
  }

  changed(): void {
    for (const contents of this.core.contents.values()) contents.applyTheme();
    this.emit('updated', {});
  }
}

export function createNativeTheme(core: Core): DoubleTheme {
  return new DoubleTheme(core);
}

const PowerBase = strictEmitter('powerMonitor');

class DoublePowerMonitor
  extends PowerBase
  implements
    Pick<PowerMonitor, 'getSystemIdleState' | 'getSystemIdleTime' | 'isOnBatteryPower' | 'onBatteryPower'>
{
  readonly onBatteryPower = false;

  getSystemIdleState(): 'active' {
    return 'active';
  }

  getSystemIdleTime(): number {
    return 0;
  }

  isOnBatteryPower(): boolean {
    return this.onBatteryPower;
  }
}

/** Tests emit `suspend`, `resume`, `lock-screen` and the others on it themselves. */
export function createPowerMonitor(): DoublePowerMonitor {
  return new DoublePowerMonitor();
}

export function createPowerSaveBlocker(): PowerSaveBlocker {
  const running = new Set<number>();
  let last = 0;
  return strict('powerSaveBlocker', {
    start() {
      last += 1;
      running.add(last);
      return last;
    },
    stop: (id: number) => running.delete(id),
    isStarted: (id: number) => running.has(id),
  } satisfies PowerSaveBlocker);
}

const area: Rectangle = { x: 0, y: 0, width: 1920, height: 1080 };
const display = {
  id: 1,
  bounds: area,
  workArea: area,
  size: area,
  workAreaSize: area,
  scaleFactor: 1,
  rotation: 0,
};

const ScreenBase = strictEmitter('screen');

class DoubleScreen extends ScreenBase implements Pick<Screen, 'getCursorScreenPoint'> {
  getPrimaryDisplay(): typeof display {
    return display;
  }

  getAllDisplays(): (typeof display)[] {
    return [display];
  }

  getDisplayMatching(): typeof display {
    return display;
  }

  getDisplayNearestPoint(): typeof display {
    return display;
  }

  getCursorScreenPoint(): { x: number; y: number } {
    return { x: 0, y: 0 };
  }
}

/** One display of 1920 × 1080. */
export function createScreen(): DoubleScreen {
  return new DoubleScreen();
}

/** Chromium takes a computer for online that has an interface beside the one to itself (net/base/network_change_notifier.cc). */
export function createNet(): Pick<Net, 'isOnline'> {
  return strict('net', {
    isOnline: () =>
      Object.values(networkInterfaces()).some((all) => all?.some(({ internal }) => !internal) === true),
  } satisfies Pick<Net, 'isOnline'>);
}
