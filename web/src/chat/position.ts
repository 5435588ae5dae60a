/** Where this device is, in degrees; rejects if it will not say. */
export function whereAmI(): Promise<{ latitude: number; longitude: number }> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) {
      reject(new Error("this device has no position"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: round(coords.latitude), longitude: round(coords.longitude) }),
      reject,
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
    );
  });
}

/** Five decimals are about a metre; more would only pretend. */
const round = (degrees: number) => Math.round(degrees * 1e5) / 1e5;
