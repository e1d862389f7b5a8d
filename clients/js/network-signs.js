/**
 * What a browser tells about its network: came online, went offline, was shown again after sleep.
 * None of it is proof, each is a reason to look now instead of at the next timer.
 * @param {() => void} look
 * @returns {() => void} stops listening
 */
export function onNetworkSigns(look) {
  const { window, document } = globalThis;
  if (!window?.addEventListener || !document) return () => {};
  const shown = () => {
    if (document.visibilityState === 'visible') look();
  };
  window.addEventListener('online', look);
  window.addEventListener('offline', look);
  document.addEventListener('visibilitychange', shown);
  return () => {
    window.removeEventListener('online', look);
    window.removeEventListener('offline', look);
    document.removeEventListener('visibilitychange', shown);
  };
}
