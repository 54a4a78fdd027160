package client
func idTokenCases() []hostileCase {return nil}
func claimCases() []hostileCase {return nil}
func tokenCases() []hostileCase {return nil}
func tokenTransportCases() []hostileCase {return nil}
func renewalCases() []hostileCase {return nil}
func userInfoCases() []hostileCase {return nil}
func revocationCases() []hostileCase {return nil}
func apiCases() []hostileCase {return nil}
